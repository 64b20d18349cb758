/** Who was seen to call from one network with one client, each with hashes of some of the resources; `null`: too many to tell. */
export type Callers = [identityId: string, resources: number[]][] | null;

/** A token that others will tell by a name: its subject, or the call that two accounts share. */
interface Offer { readonly token: string; readonly fromMs: number; readonly untilMs: number; readonly issuer: string | null }
/** A token that was issued, or used, on presentation of what goes by a name. `parentMs`: when what it is linked to was offered; 0: to nothing. */
export interface Taking { readonly token: string; readonly atMs: number; readonly issuer: string | null; parentMs: number }
/** What is known of one name. */
export interface NameRecord { offers: Offer[]; takings: Taking[]; touchedMs: number }
