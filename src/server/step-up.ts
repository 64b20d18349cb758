/** How fresh the login of whoever lets something be done must be. */
export interface StepUp {
  /** At most so long ago. */
  readonly withinMs: number;
  /** Ways of logging in of which it must have been one (OpenID Connect's `acr`); empty: any. */
  readonly acrValues: readonly string[];
  /** Who shows an API token cannot log in again: may it decide? */
  readonly apiTokens: 'allowed' | 'refused';
}

/** What the provider said of a login. */
export interface LoginProof {
  /** When the person last showed who they are; `null`: not told, which is never fresh. */
  readonly authenticatedMs: number | null;
  readonly acr: string | null;
}

/** Of who is logged in, what the provider said; no session: he shows an API token. */
interface LoggedIn { readonly session: { readonly proof: LoginProof | null } | null }

/** The provider's clock may be ahead by so much. */
const toleranceMs = 60_000;

/** Why somebody must first log in again, a fixed word; `null`: they need not. Nobody need where there is no provider. */
export function stalenessOf({ session }: LoggedIn, stepUp: StepUp | null, nowMs: number): 'step_up' | 'api_token' | null {
  if (stepUp === null) return null;
  const proof = session?.proof ?? null;
  if (proof === null) return stepUp.apiTokens === 'allowed' ? null : 'api_token';
  const { authenticatedMs, acr } = proof;
  const isRecent = authenticatedMs !== null && authenticatedMs <= nowMs + toleranceMs && nowMs - authenticatedMs <= stepUp.withinMs;
  return isRecent && (stepUp.acrValues.length === 0 || (acr !== null && stepUp.acrValues.includes(acr))) ? null : 'step_up';
}
