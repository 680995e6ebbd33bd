import type { ExecMeta } from '@vibrissa/protocol';
import type { AttachmentStore } from '../../store/attachment-store.ts';
import type { PutExec } from './action-put.ts';
import { execSize } from './validate-action.ts';

/** Puts the code where code is kept, and returns what is kept with the action. */
export async function storeExec(attachments: AttachmentStore, exec: PutExec): Promise<ExecMeta> {
  const { code, ...meta } = exec;
  const digest = code === undefined ? {} : { codeDigest: await attachments.write(code) };
  return { ...meta, ...digest, size: execSize(exec) };
}
