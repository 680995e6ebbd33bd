import type { Clock } from '../base/clock.ts';
import type { Output } from './output.ts';

const PATIENCE_MS = 1000;
const FRAME_MS = 120;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows a moving line with the seconds passed while a promise is pending for long, on terminals only. */
export async function withProgress<T>(
  what: string,
  pending: Promise<T>,
  { output, clock }: { readonly output: Output; readonly clock: Clock },
): Promise<T> {
  if (!output.interactive) return pending;
  const start = clock.now();
  let frame = 0;
  const stop = clock.every(FRAME_MS, () => {
    const passed = clock.now() - start;
    if (passed < PATIENCE_MS) return;
    output.redraw(`\r\u001b[K${frames[frame++ % frames.length]} ${what} (${Math.floor(passed / 1000)} s)`);
  });
  try {
    return await pending;
  } finally {
    stop();
    if (frame > 0) output.redraw('\r\u001b[K');
  }
}
