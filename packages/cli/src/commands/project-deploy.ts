import { usageError } from '../cli-error.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { keyOf, type Entity } from '../project/entity.ts';
import { openProject, type OpenedProject } from '../project/open-project.ts';
import { carryOut } from '../project/platform/carry-out.ts';
import { fetchDeployed } from '../project/platform/fetch-deployed.ts';
import { markEntities, planDeployment, projectNameOf, type Operation } from '../project/plan/plan.ts';
import { planJson, renderPlan } from '../project/plan/render-plan.ts';
import { openTarget, type TargetContext } from '../project/target.ts';

/** Shows a plan instead of carrying it out. */
export function showPlan(
  { output }: CommandContext,
  operations: readonly Operation[],
  secrets: ReadonlySet<string>,
): void {
  for (const line of renderPlan(operations, secrets)) output.line(...line);
  if (output.format !== 'text') output.documents(planJson(operations, secrets));
}

/** An API that a project once had serves one of its web actions. */
function mayHaveApis(wanted: readonly Entity[], syncing: boolean): boolean {
  return wanted.some(
    ({ collection, fields }) => collection === 'apis' || (syncing && fields.has('annotations.web-export')),
  );
}

/** What has to be done on the platform so that it has what the project says. */
export async function planProject(
  { context, namespace }: TargetContext,
  project: OpenedProject,
  syncing: boolean,
): Promise<Operation[]> {
  const { mark, name } = project;
  const wanted = mark === undefined ? project.entities : markEntities(project.entities, mark);
  const names = new Set(wanted.map(keyOf));
  const deployed = await fetchDeployed(await context.client(), {
    namespace,
    apis: mayHaveApis(wanted, syncing) ? context.settings : undefined,
    whole: (entity) => names.has(keyOf(entity)) || (syncing && projectNameOf(entity) === name),
  });
  return planDeployment(wanted, deployed, syncing ? name : undefined);
}

async function deploy(context: CommandContext, syncing: boolean): Promise<number> {
  const project = openProject(context);
  if (syncing && project.name === undefined) {
    throw usageError(
      'sync needs the name of the project: it deletes what carries this name and is no longer in the manifest',
      ['Give it with --projectname NAME, or write it into the manifest: project: {name: NAME, packages: …}'],
    );
  }
  const target = await openTarget(context, project.target);
  const operations = await planProject(target, project, syncing);
  const { output } = context;
  if (context.options.flag('preview')) {
    output.line(`Changes to the namespace ${target.namespace}:`);
    showPlan(context, operations, project.secrets);
    return 0;
  }
  const changed = await carryOut(target.context, operations);
  const summary = changed === 0 ? 'nothing to change' : `${changed} changed`;
  output.note(
    `${syncing ? 'Synchronized' : 'Deployed'} to ${target.namespace}: ${summary}, ${operations.filter(({ type }) => type === 'unchanged').length} unchanged.`,
  );
  if (output.format !== 'text') output.documents(planJson(operations, project.secrets));
  return 0;
}

/** `wsk project deploy`. */
export const deployProject: CommandRunner = (context) => deploy(context, false);

/** `wsk project sync`. */
export const syncProject: CommandRunner = (context) => deploy(context, true);
