import { compileTask } from './compile-task.ts';
import type { TaskSpec } from './task-spec.ts';

/**
 * What is wrong with a task, as a sentence that says how to mend it, before anything is asked of a scheduler; undefined
 * when nothing is. `roles`: the framework's.
 */
export function whyInvalid(
  spec: TaskSpec & { readonly id: string },
  roles: readonly string[] = ['*'],
): string | undefined {
  const compilation = compileTask(spec, { roles });
  return compilation.kind === 'invalid' ? compilation.reason : undefined;
}
