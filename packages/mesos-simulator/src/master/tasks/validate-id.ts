/** Mesos's rule for ids of frameworks, tasks and executors: a sentence, or undefined when it is legal. */
export function invalidId(id: string): string | undefined {
  if (id === '') return 'ID must not be empty';
  if (id.length > 255) return 'ID must not be greater than 255 characters';
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  return /[\u0000-\u001f\u007f/\\]/.test(id) ? `'${id}' contains invalid characters` : undefined;
}
