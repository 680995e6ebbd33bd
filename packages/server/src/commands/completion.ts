import type { Command } from './command.ts';
import { renderBash } from './completion/bash.ts';
import { renderFish } from './completion/fish.ts';
import { pointsOf } from './completion/points.ts';
import { renderZsh } from './completion/zsh.ts';

/** Shells that completion is written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const renderers = { bash: renderBash, zsh: renderZsh, fish: renderFish };

/** A script for the shell that completes the command and all below it. */
export function renderCompletion(command: Command, shell: Shell): string {
  return renderers[shell](command.name, pointsOf(command));
}
