import { bold, ok, type Output, type Piece } from '../output/output.ts';
import type { QualifiedName } from '../values/qualified-name.ts';

/** `ok: invoked /_/hello with id …`, in pieces. */
export function invokedLine(name: QualifiedName, id: string): Piece[] {
  return [ok, ' invoked /', bold(name.namespace), '/', bold(name.entity), ' with id ', bold(id)];
}

/** What is said of a blocking invocation that goes on, on stderr. */
export function noteUnfinished(output: Output, name: QualifiedName, id: string): void {
  output.note(
    ok,
    ' invoked /',
    bold(name.namespace),
    '/',
    bold(name.entity),
    ', but the request has not yet finished, with id ',
    bold(id),
  );
  if (output.interactive) output.note(`It still runs. Its result, later: wsk activation result ${id}`);
}
