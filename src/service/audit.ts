import type { Configuration } from '../config/configuration.ts';
import { verifyEnd } from '../respond/audit-chain.ts';
import { AuditHead, readHead } from '../respond/audit-head.ts';
import { CheckpointWriter, lastCheckpoint, readVerifier } from '../respond/checkpoints.ts';
import { readSigner } from '../respond/deny-list/document.ts';
import type { Timing } from '../outbound/timing.ts';
import type { Store } from '../store/open.ts';

/** What is kept of the audit chain outside the store. */
export interface AuditKeeper {
  /** At the start, nothing was missing of what is kept outside. While false nothing outside is changed: it tells of the loss. */
  readonly isWhole: boolean;
  /** Entries may have been added. */
  changed(): void;
  /** Keeps the newest entry. */
  stop(): Promise<void>;
}

export interface AuditKeeperParts {
  readonly store: Pick<Store, 'effects' | 'dir'>;
  readonly settings: Configuration['respond']['auditCheckpoints'];
  readonly timing: Timing;
  /** Somebody must know, by one of the reasons of pages. */
  readonly page: (reason: 'audit_head_failed' | 'audit_checkpoint_failed') => void;
}

/** Throws where the key cannot be used. */
export function makeAuditKeeper({ store: { effects, dir }, settings, timing, page }: AuditKeeperParts): AuditKeeper {
  const head = new AuditHead(dir, effects, timing, () => page('audit_head_failed'));
  const writer = settings === null ? null : new CheckpointWriter({
    signer: readSigner(settings.keyFile), file: settings.file, effects, timing, onError: () => page('audit_checkpoint_failed'),
  });
  const isSigned = settings === null || verifyEnd(effects.responses, readLast(settings));
  const isWhole = verifyEnd(effects.responses, readHead(dir, effects)) && isSigned;
  return {
    isWhole,
    changed() {
      if (!isWhole) return;
      head.changed();
      writer?.changed();
    },
    async stop() {
      if (!isWhole) return;
      head.write();
      await writer?.stop();
    },
  };
}

function readLast({ keyFile, file }: NonNullable<AuditKeeperParts['settings']>): ReturnType<typeof lastCheckpoint> {
  try {
    return lastCheckpoint(file, readVerifier(keyFile));
  } catch {
    // Not there yet, or not just now; "audit verify" tells whether one was.
    return null;
  }
}
