import { createSkill } from './skill.js';

/** The web action. What it needs (see manifest.yaml) comes with the request, as parameters of the action. */
export const main = createSkill({ now: Date.now, fetch });
