import { alarmsPackage } from './alarms-package.ts';
import { apimgmtPackage } from './apimgmt-package.ts';
import type { CataloguePackage } from './catalogue-definition.ts';
import { githubPackage } from './github-package.ts';
import { samplesPackage } from './samples-package.ts';
import { slackPackage } from './slack-package.ts';
import { utilsPackage } from './utils-package.ts';
import { webhooksPackage } from './webhooks-package.ts';
import { websocketPackage } from './websocket-package.ts';

/**
 * The packages that the platform brings along in `whisk.system`. A package is added by a file of its own beside this
 * one and a line here; what runs in the controller is registered in `wiring/open-controller.ts` too.
 */
export const catalogue: readonly CataloguePackage[] = [
  utilsPackage,
  samplesPackage,
  alarmsPackage,
  webhooksPackage,
  apimgmtPackage,
  slackPackage,
  githubPackage,
  websocketPackage,
];
