import { ownPort } from '@vibrissa/testkit';

/** The first of `count` ports in a row that are given to nobody else as long as this process lives. */
export async function ownPorts(count: number): Promise<number> {
  let first = await ownPort();
  for (let last = first; last - first + 1 < count;) {
    const next = await ownPort();
    if (next !== last + 1) first = next;
    last = next;
  }
  return first;
}
