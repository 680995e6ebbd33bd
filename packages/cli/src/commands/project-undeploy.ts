import type { CommandContext, CommandRunner } from '../command/description.ts';
import { keyOf } from '../project/entity.ts';
import { openProject } from '../project/open-project.ts';
import { carryOut } from '../project/platform/carry-out.ts';
import { fetchDeployed } from '../project/platform/fetch-deployed.ts';
import { belongsTo, planDeletion, planUndeployment, type Operation } from '../project/plan/plan.ts';
import { openTarget, type TargetContext } from '../project/target.ts';
import { showPlan } from './project-deploy.ts';

interface Undeployment {
  readonly target: TargetContext;
  readonly operations: readonly Operation[];
}

/** Everything that carries the name of the project, whatever the manifest says. */
async function byProjectName(context: CommandContext, project: string): Promise<Undeployment> {
  const target = await openTarget(context, {});
  const deployed = await fetchDeployed(await target.context.client(), {
    namespace: target.namespace,
    apis: undefined,
    whole: () => false,
  });
  const withWeb = [...deployed.values()].some(
    (entity) =>
      entity.fields.get('annotations.web-export') === 'true' && belongsTo(entity, project, deployed),
  );
  const everything = withWeb
    ? await fetchDeployed(await target.context.client(), {
        namespace: target.namespace,
        apis: target.context.settings,
        whole: () => false,
      })
    : deployed;
  const own = [...everything.values()].filter((entity) => belongsTo(entity, project, everything));
  return { target, operations: planDeletion(own, everything) };
}

async function byManifest(context: CommandContext): Promise<Undeployment> {
  const project = openProject(context);
  const target = await openTarget(context, project.target);
  const names = new Set(project.entities.map(keyOf));
  const deployed = await fetchDeployed(await target.context.client(), {
    namespace: target.namespace,
    apis: project.entities.some(({ collection }) => collection === 'apis')
      ? target.context.settings
      : undefined,
    whole: (entity) => entity.collection === 'packages' && names.has(keyOf(entity)),
  });
  return { target, operations: planUndeployment(project.entities, deployed) };
}

/** `wsk project undeploy`. */
export const undeployProject: CommandRunner = async (context) => {
  const { options, output } = context;
  const name = options.text('projectname');
  const { target, operations } =
    name === undefined ? await byManifest(context) : await byProjectName(context, name);
  if (options.flag('preview')) {
    output.line(`Changes to the namespace ${target.namespace}:`);
    showPlan(context, operations, new Set());
    return 0;
  }
  const changed = await carryOut(target.context, operations);
  output.note(
    `Undeployed from ${target.namespace}: ${changed === 0 ? 'nothing was there' : `${changed} deleted`}.`,
  );
  return 0;
};
