const EVERY_MS = 25;
/** Only to say what never comes: whatever does may come late on a machine that has much else to do. */
const WITHIN_MS = 60_000;

/** Waits for something that is bound to come, and resolves with it. What throws has not come yet. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const untilMs = performance.now() + WITHIN_MS;
  let last: unknown;
  while (performance.now() < untilMs) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  throw new Error(`It has not come to be so: ${what}.`, { cause: last });
}
