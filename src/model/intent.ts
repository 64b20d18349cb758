/** A decided, not yet executed action. Part of an alert's document; nothing here acts. */
export interface Intent {
  id: string;
  action: string;
  mode: 'observe' | 'approve' | 'enforce';
  state: 'proposed' | 'waiting_approval' | 'ready' | 'stale' | 'sending' | 'accepted' | 'verified' | 'unknown' | 'failed' | 'rejected' | 'undone';
}
