import { errorTexts, type ExecMeta } from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import type { AttachmentStore } from '../../store/attachment-store.ts';
import type { PutExec } from './action-put.ts';
import { execSize } from './validate-action.ts';

/** The text of an action's code; undefined when it has none. Throws 500 when it should be there and isn't. */
export async function codeOf(attachments: AttachmentStore, exec: ExecMeta): Promise<string | undefined> {
  if (exec.codeDigest === undefined) return undefined;
  const code = await attachments.read(exec.codeDigest);
  if (code === undefined) throw new RequestError(500, errorTexts.corrupted);
  return code;
}

/** Puts the code where code is kept, and returns what is kept with the action. */
export async function storeExec(attachments: AttachmentStore, exec: PutExec): Promise<ExecMeta> {
  const { code, ...meta } = exec;
  const digest = code === undefined ? {} : { codeDigest: await attachments.write(code) };
  return { ...meta, ...digest, size: execSize(exec) };
}
