import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { asCalled } from '../command/called-as.ts';
import type { CommandContext } from '../command/description.ts';
import { baseUrlText, requireApiHost } from '../config/settings.ts';
import { keyOf, nounOf, type Entity } from '../project/entity.ts';
import { openProject, type OpenedProject } from '../project/open-project.ts';
import { carryOut } from '../project/platform/carry-out.ts';
import { fetchDeployed } from '../project/platform/fetch-deployed.ts';
import {
  markEntities,
  planDeletion,
  planDeployment,
  planUndeployment,
  type Deployed,
} from '../project/plan/plan.ts';
import { openTarget, type TargetContext } from '../project/target.ts';
import { folderManifest } from './folder-manifest.ts';

const manifests = ['manifest.yaml', 'manifest.yml'];

function hasManifest(folder: string): boolean {
  return manifests.some((name) => statSync(resolve(folder, name), { throwIfNoEntry: false })?.isFile());
}

/** One run of `wsk dev`: what it has deployed, and how it deploys again. */
export class DevSession {
  readonly #given: CommandContext;
  readonly #folder: string;
  /** What the folder meant last, by key. */
  #wanted = new Map<string, Entity>();
  #target: TargetContext | undefined;

  constructor(context: CommandContext, folder: string) {
    this.#given = context;
    this.#folder = folder;
  }

  #read(): OpenedProject {
    const options = { folder: this.#folder };
    return hasManifest(this.#folder) || this.#given.options.text('manifest') !== undefined
      ? openProject(this.#given, options)
      : openProject(this.#given, { ...options, manifestText: folderManifest(this.#folder) });
  }

  async #deployed({ context, namespace }: TargetContext, wanted: readonly Entity[]): Promise<Deployed> {
    const names = new Set(wanted.map(keyOf));
    return fetchDeployed(await context.client(), {
      namespace,
      apis: [...wanted, ...this.#wanted.values()].some(({ collection }) => collection === 'apis')
        ? context.settings
        : undefined,
      whole: (entity) => names.has(keyOf(entity)),
    });
  }

  /** Deploys what has changed, and deletes what this session deployed and the folder no longer has. */
  async deploy(): Promise<void> {
    const project = this.#read();
    const target = (this.#target ??= await openTarget(this.#given, project.target));
    const wanted =
      project.mark === undefined ? project.entities : markEntities(project.entities, project.mark);
    const deployed = await this.#deployed(target, wanted);
    const now = new Map(wanted.map((entity) => [keyOf(entity), entity]));
    const gone = [...this.#wanted].flatMap(([key]) => {
      const there = deployed.get(key);
      return now.has(key) || there === undefined ? [] : [there];
    });
    // Before the steps: what half of them created is this session's as well.
    this.#wanted = new Map([...this.#wanted, ...now]);
    await carryOut(target.context, [
      ...planDeployment(wanted, deployed, undefined),
      ...planDeletion(gone, deployed),
    ]);
    this.#wanted = now;
  }

  /** Whether an action, by `package/name`, is of this session. */
  isOwn(name: string): boolean {
    return this.#wanted.has(keyOf({ collection: 'actions', name }));
  }

  get entities(): readonly Entity[] {
    return [...this.#wanted.values()];
  }

  /** The context that talks to the project's platform; the one that was given while that is not known. */
  get context(): CommandContext {
    return this.#target?.context ?? this.#given;
  }

  /** How to call each action: its URL where it is a web action, else the command. */
  addresses(): string[] {
    const { environment, settings } = this.context;
    const namespace = this.#target?.namespace ?? '_';
    return this.entities.flatMap((entity) => {
      if (entity.collection === 'apis')
        return [asCalled(`API ${entity.name}: wsk api list shows its URL`, environment)];
      if (entity.collection !== 'actions') return [];
      if (entity.fields.get('annotations.web-export') !== 'true')
        return [asCalled(`${entity.name}: wsk action invoke ${entity.name} -r`, environment)];
      const path = entity.name.includes('/') ? entity.name : `default/${entity.name}`;
      return [
        `${entity.name}: ${baseUrlText(requireApiHost(settings))}/api/${settings.apiVersion}/web/${namespace}/${path}`,
      ];
    });
  }

  /** Deletes everything that this session deployed. */
  async remove(): Promise<void> {
    if (this.#target === undefined) return;
    const wanted = this.entities;
    const deployed = await this.#deployed(this.#target, wanted);
    await carryOut(this.#target.context, planUndeployment(wanted, deployed));
    this.#wanted = new Map();
  }

  /** `action hello, trigger came`. */
  summary(): string {
    return this.entities.map((entity) => `${nounOf(entity)} ${entity.name}`).join(', ');
  }
}

/** The folder of a session; throws where it is none. */
export function requireFolder(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new CliError(`'${folder}' is no folder`, {
    usage: true,
    exitCode: 2,
    hints: ['Give the folder with the manifest or the code, as in: wsk dev .'],
  });
}
