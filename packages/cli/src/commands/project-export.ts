import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { CommandContext, CommandRunner } from '../command/description.ts';
import { bold, ok } from '../output/output.ts';
import type { ExportedFile } from '../project/export/code-file.ts';
import { exportEntities } from '../project/export/export-entities.ts';
import { fetchDeployed } from '../project/platform/fetch-deployed.ts';
import { belongsTo } from '../project/plan/plan.ts';
import { openTarget } from '../project/target.ts';

function manifestPath({ options }: CommandContext): string {
  const given = options.text('manifest');
  return given === undefined
    ? join(resolve(options.text('project') ?? '.'), 'manifest.yaml')
    : resolve(given);
}

/** An export is a copy to work with: it must not destroy the work of yesterday. */
function writeNew(folder: string, { path, bytes }: ExportedFile): void {
  const full = join(folder, path);
  try {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, bytes, { flag: 'wx' });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const reason = exists ? 'it is there already' : error instanceof Error ? error.message : String(error);
    throw new CliError(`Unable to write '${full}': ${reason}`, {
      hints: exists ? ['Export into an empty folder: --project FOLDER'] : [],
      cause: error,
    });
  }
}

/** `wsk project export`. */
export const exportProject: CommandRunner = async (context) => {
  const { options, output } = context;
  const project = options.text('projectname');
  const { context: own, namespace } = await openTarget(context, {});
  const client = await own.client();
  const listed = await fetchDeployed(client, { namespace, apis: undefined, whole: () => false });
  const withWeb = [...listed.values()].some(
    (entity) => entity.fields.get('annotations.web-export') === 'true',
  );
  const deployed = await fetchDeployed(client, {
    namespace,
    apis: withWeb ? own.settings : undefined,
    whole: (entity) => project === undefined || belongsTo(entity, project, listed),
  });
  const entities = [...deployed.values()].filter(
    (entity) => project === undefined || belongsTo(entity, project, deployed),
  );
  if (entities.length === 0) {
    throw new CliError(
      project === undefined
        ? `The namespace ${namespace} is empty; there is nothing to export.`
        : `Nothing in the namespace ${namespace} belongs to a project '${project}'.`,
      {
        hints: ['See what is there with: wsk list'],
      },
    );
  }
  const path = manifestPath(context);
  const { files, notes } = exportEntities(entities, { project, manifest: basename(path) });
  for (const file of files) writeNew(dirname(path), file);
  for (const note of notes) output.note(`warning: ${note}`);
  output.line(ok, ` exported ${entities.length} entities to `, bold(path));
  if (output.format !== 'text')
    output.document(JSON.stringify({ manifest: path, files: files.map((file) => file.path) }));
  return 0;
};
