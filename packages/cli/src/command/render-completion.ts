import { describeLevels, type OptionsOf } from '../completion/levels.ts';
import { renderBash } from '../completion/bash.ts';
import { renderFish } from '../completion/fish.ts';
import { renderZsh } from '../completion/zsh.ts';
import type { CommandDescription } from './description.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

const renderers = { bash: renderBash, zsh: renderZsh, fish: renderFish } as const;

/** The completion script of a shell, derived from the tree of commands. */
export function renderCompletion(
  shell: (typeof shells)[number],
  root: CommandDescription,
  optionsOf: OptionsOf,
): string {
  return renderers[shell](describeLevels(root, optionsOf));
}
