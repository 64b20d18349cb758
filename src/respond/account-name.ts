/** Longest name of an account, in characters. */
export const maxAccount = 200;

/** Can it stand in the audit as who did something? */
export function isName(account: string): boolean {
  return account.trim() !== '' && account.length <= maxAccount;
}
