/** The key under which a feed keeps what it has of a trigger: there is at most one of each sort for a trigger. */
export function triggerKey({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}

/** The namespace of the trigger that a key stands for. */
export function namespaceOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
