/** Java's `String.hashCode`: OpenWhisk's home invoker follows from it. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** The number that decides where an action of a namespace runs; never negative. */
export function placementHash(namespace: string, actionHash: number): number {
  return Math.abs(javaHash(namespace) ^ actionHash);
}
