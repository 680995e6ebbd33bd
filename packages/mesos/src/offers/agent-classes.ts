import type { WireOffer } from '../wire/index.ts';
import { satisfies, valuesOf, type CompiledConstraint } from './constraints.ts';

/** Agents that are alike in one attribute satisfy the same of its constraints. */
interface Classes {
  /** The class of each agent. */
  readonly ofAgent: readonly number[];
  /** One agent of each class. */
  readonly samples: readonly WireOffer[];
}

/** Of a constraint, for each class: undefined where nobody has asked. */
type Verdicts = (boolean | undefined)[];

/** As long as there are so few classes, it pays to see whether any satisfies before looking at agents. */
const FEW_CLASSES = 64;

/**
 * The agents of a round, as constraints see them. Each constraint is compared once with each value that its attribute
 * has, not with each of ten thousand agents.
 */
export class AgentClasses {
  /** An offer of each agent. */
  readonly #agents: readonly (WireOffer | undefined)[];
  readonly #byAttribute = new Map<string, Classes>();
  readonly #verdicts = new Map<string, Verdicts>();

  constructor(agents: readonly (WireOffer | undefined)[]) {
    this.#agents = agents;
  }

  /** What tells whether an agent, by its number, satisfies all of them. Undefined: none does. */
  judgeOf(constraints: readonly CompiledConstraint[]): ((agent: number) => boolean) | undefined {
    const judges: ((agent: number) => boolean)[] = [];
    for (const constraint of constraints) {
      const classes = this.#classesOf(constraint.constraint.attribute);
      const verdicts = this.#verdictsOf(constraint, classes);
      if (classes.samples.length <= FEW_CLASSES && !verdicts.includes(true)) return undefined;
      judges.push((agent) => {
        const ofAgent = classes.ofAgent[agent] ?? -1;
        const sample = classes.samples[ofAgent];
        return sample !== undefined && (verdicts[ofAgent] ??= satisfies(constraint, sample));
      });
    }
    const [only, ...others] = judges;
    if (only && others.length === 0) return only;
    return (agent) => judges.every((judge) => judge(agent));
  }

  #verdictsOf(constraint: CompiledConstraint, { samples }: Classes): Verdicts {
    const known = this.#verdicts.get(constraint.key);
    if (known) return known;
    const verdicts =
      samples.length <= FEW_CLASSES ? samples.map((sample) => satisfies(constraint, sample)) : [];
    this.#verdicts.set(constraint.key, verdicts);
    return verdicts;
  }

  #classesOf(attribute: string): Classes {
    const known = this.#byAttribute.get(attribute);
    if (known) return known;
    const numbers = new Map<string, number>();
    const samples: WireOffer[] = [];
    const ofAgent = this.#agents.map((agent) => {
      if (!agent) return -1;
      const text = JSON.stringify(valuesOf(agent, attribute)) ?? '';
      const number = numbers.get(text) ?? samples.push(agent) - 1;
      numbers.set(text, number);
      return number;
    });
    const classes = { ofAgent, samples };
    this.#byAttribute.set(attribute, classes);
    return classes;
  }
}
