/** One line of the operator's inventory: every given key of `match` must be equal. */
export interface InventoryEntry {
  readonly match: {
    readonly identity?: string | undefined; readonly handle?: string | undefined; readonly client?: string | undefined;
    /** A directory's trust in another authority's tokens, by its id there. */
    readonly federation?: string | undefined;
    /** Only of a bait. */
    readonly fingerprint?: string | undefined;
  };
  readonly workload: string | null;
  readonly kind: string | null;
  /** Of a federation: the authority whose tokens are trusted. Their subject is the workload. */
  readonly authority?: string;
  readonly owner: string | null;
  /** Whose workload it is. */
  readonly team?: string;
  /** How much hangs on it. */
  readonly criticality?: 'low' | 'medium' | 'high' | 'critical';
  /** Third party that holds the credential. */
  readonly vendor?: string;
  /** Where it belongs, for example production. */
  readonly environment?: string;
  /** The operator's own words, by which limits of lifetime can be set. */
  readonly labels?: readonly string[];
  /** By when somebody looks whether it is still needed; ms. */
  readonly reviewMs?: number;
  /** Since when the workload does not run any more; ms. */
  readonly retiredMs?: number;
  /** Since when its owner has left; ms. */
  readonly ownerLeftMs?: number;
  /** Secrets that hold the credential, as events name them: `resource.id`. */
  readonly storedIn?: readonly string[];
  /** Kept for emergencies: every use raises an alert. */
  readonly breakGlass?: true;
  /** What the operator calls the bait that this is: then any of the given keys is enough. */
  readonly honeytoken?: string;
}
