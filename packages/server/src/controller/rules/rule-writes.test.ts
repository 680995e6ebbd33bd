import { anAction, ManualClock, seededRandom } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import type { Entity } from '../../store/artifact-store.ts';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { ActionCache } from '../invocation/action-cache.ts';
import { PackageCache } from '../packages/package-cache.ts';
import { TriggerWrites } from '../triggers/trigger-writes.ts';
import { ruleDocument } from './rule-documents.ts';
import type { RulePut } from './rule-put.ts';
import { RuleWrites } from './rule-writes.ts';

/** A store that dies at a write: nothing that comes after is kept. */
class MortalStore extends MemoryArtifactStore {
  /** Writes that are still taken. */
  left = Infinity;

  override async put(entity: Entity, basedOn: string | undefined) {
    this.#live();
    return super.put(entity, basedOn);
  }

  override async delete(entity: Entity, revision: string) {
    this.#live();
    return super.delete(entity, revision);
  }

  #live(): void {
    if (this.left === 0) throw new Error('killed');
    this.left -= 1;
  }
}

const place = (name: string) => ({ namespace: 'guest', name });
const key = 'guest/rule';

/** What a process has in memory; the store outlives it. */
function openProcess(artifacts: MortalStore) {
  const clock = new ManualClock();
  const packages = PackageCache.open({ artifacts });
  const actions = ActionCache.open({ artifacts, packages });
  const triggers = TriggerWrites.open({ artifacts, clock });
  return { triggers, rules: RuleWrites.open({ artifacts, actions, triggers, clock }) };
}

async function openStore(): Promise<MortalStore> {
  const artifacts = new MortalStore();
  for (const name of ['one', 'two']) await artifacts.put(anAction({ name }), undefined);
  const { triggers } = openProcess(artifacts);
  for (const name of ['left', 'right']) await triggers.put(place(name), {}, false);
  return artifacts;
}

async function linksOf(artifacts: MortalStore, trigger: string) {
  return (await artifacts.get('trigger', 'guest', trigger))?.entity.rules ?? {};
}

const full: RulePut = { trigger: place('left'), action: place('one') };

const requests = [
  { title: 'create', existing: false, run: (rules: RuleWrites) => rules.put(place('rule'), full, true) },
  {
    title: 'change of the action',
    existing: true,
    run: (rules: RuleWrites) => rules.put(place('rule'), { action: place('two') }, true),
  },
  {
    title: 'move',
    existing: true,
    run: (rules: RuleWrites) => rules.put(place('rule'), { trigger: place('right') }, true),
  },
  {
    title: 'move with another action',
    existing: true,
    run: (rules: RuleWrites) =>
      rules.put(place('rule'), { trigger: place('right'), action: place('two') }, true),
  },
  { title: 'delete', existing: true, run: (rules: RuleWrites) => rules.delete(place('rule')) },
] as const;

describe.each(requests)('a $title that a crash interrupts', ({ title, existing, run }) => {
  it.each([0, 1, 2])(
    'after %i writes leaves no rule that fires unseen, and heals when it is sent again',
    async (left) => {
      const artifacts = await openStore();
      if (existing) await openProcess(artifacts).rules.put(place('rule'), full, false);
      artifacts.left = left;
      const died = await run(openProcess(artifacts).rules).then(
        () => false,
        () => true,
      );
      expect(died).toBe(left < (title.startsWith('move') ? 3 : 2));
      artifacts.left = Infinity;

      const { rules } = openProcess(artifacts);
      const seen = await rules.get(place('rule')).catch(() => undefined);
      for (const trigger of ['left', 'right']) {
        const link = (await linksOf(artifacts, trigger))[key];
        // What fires is what `get` shows.
        if (link === undefined) continue;
        expect(seen && ruleDocument(seen)).toMatchObject({
          status: link.status,
          trigger: { path: 'guest', name: trigger },
          action: { path: 'guest', name: link.action.name },
        });
      }

      const again = await run(rules).catch((error: unknown) => error);
      if (title === 'delete') {
        expect(await artifacts.get('rule', 'guest', 'rule')).toBeUndefined();
        expect([await linksOf(artifacts, 'left'), await linksOf(artifacts, 'right')]).toEqual([{}, {}]);
        return;
      }
      expect(again).toMatchObject({ rule: { name: 'rule' } });
      const { rule, link } = await rules.get(place('rule'));
      expect(link?.action).toEqual(rule.action);
      expect(Object.keys(await linksOf(artifacts, rule.trigger.name))).toEqual([key]);
      const other = rule.trigger.name === 'left' ? 'right' : 'left';
      expect(await linksOf(artifacts, other)).toEqual({});
    },
  );
});

describe('rules that are written at once', () => {
  it('by one process are all kept', async () => {
    const artifacts = await openStore();
    const { rules, triggers } = openProcess(artifacts);
    const names = Array.from({ length: 30 }, (_, at) => `r${at}`);
    await Promise.all([
      ...names.map((name) => rules.put(place(name), full, false)),
      triggers.put(place('left'), { version: '2.0.0' }, true),
    ]);
    expect(Object.keys(await linksOf(artifacts, 'left')).sort()).toEqual(
      names.map((name) => `guest/${name}`).sort(),
    );
    expect((await artifacts.get('trigger', 'guest', 'left'))?.entity.version).toBe('2.0.0');
  });

  it('by several processes are all kept or refused', async () => {
    const artifacts = await openStore();
    const processes = Array.from({ length: 4 }, () => openProcess(artifacts));
    const written = await Promise.all(
      processes.map(async ({ rules }, at) => {
        const name = `r${at}`;
        await rules.put(place(name), full, false);
        return `guest/${name}`;
      }),
    );
    expect(Object.keys(await linksOf(artifacts, 'left')).sort()).toEqual(written);
  });

  it('are refused when others come first again and again', async () => {
    const artifacts = await openStore();
    const { triggers } = openProcess(artifacts);
    const rival = openProcess(artifacts).triggers;
    const put = artifacts.put.bind(artifacts);
    let meddling = true;
    artifacts.put = async (entity, basedOn) => {
      if (meddling && entity.entityType === 'trigger') {
        meddling = false;
        await rival.put(place('left'), {}, true);
        meddling = true;
      }
      return put(entity, basedOn);
    };
    const change = triggers.changeRules(place('left'), () => ({}));
    await expect(change).rejects.toMatchObject({
      status: 409,
      message: 'Concurrent modification to resource detected.',
    });
  });

  it('end in what some order of them would have left', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const artifacts = await openStore();
      const { rules } = openProcess(artifacts);
      await rules.put(place('rule'), full, false);
      const random = seededRandom(seed);
      const acts = Array.from({ length: 8 }, () => {
        const draw = random();
        if (draw < 0.15) return rules.delete(place('rule'));
        if (draw < 0.4) return rules.setStatus(place('rule'), draw < 0.3 ? 'active' : 'inactive');
        const put: RulePut = {
          trigger: place(random() < 0.5 ? 'left' : 'right'),
          action: place(random() < 0.5 ? 'one' : 'two'),
        };
        return rules.put(place('rule'), put, true);
      });
      await Promise.allSettled(acts);
      const found = await artifacts.get('rule', 'guest', 'rule');
      const links = { left: await linksOf(artifacts, 'left'), right: await linksOf(artifacts, 'right') };
      const linked = Object.entries(links).filter(([, rule]) => rule[key] !== undefined);
      const expected = found === undefined ? [] : [found.entity.trigger.name];
      expect(
        linked.map(([trigger]) => trigger),
        `seed ${seed}`,
      ).toEqual(expected);
      if (found !== undefined) expect(linked[0]?.[1][key]?.action).toEqual(found.entity.action);
    }
  });
});

it('a trigger has a thousand rules at most, which may still be changed, and none comes in by a detour', async () => {
  const artifacts = await openStore();
  const { rules, triggers } = openProcess(artifacts);
  const link = { action: place('one'), status: 'active' } as const;
  const many = Object.fromEntries(Array.from({ length: 999 }, (_, at) => [`guest/r${at}`, link]));
  await rules.put(place('rule'), full, false);
  await triggers.changeRules(place('left'), (links) => ({ ...links, ...many }));
  const tooMany = { status: 400, message: expect.stringMatching(/^A trigger has at most 1000 rules/) };
  await expect(rules.put(place('more'), full, false)).rejects.toMatchObject(tooMany);
  await expect(rules.get(place('more'))).rejects.toMatchObject({ status: 404 });
  await rules.put(place('rule'), { action: place('two') }, true);
  await rules.put(place('other'), { ...full, trigger: place('right') }, false);
  await expect(rules.put(place('other'), full, true)).rejects.toMatchObject(tooMany);
  expect(Object.keys(await linksOf(artifacts, 'right'))).toEqual(['guest/other']);
  await triggers.changeRules(place('left'), () => ({ ...many, 'guest/r999': link }));
  await rules.setStatus(place('rule'), 'inactive');
  await expect(rules.setStatus(place('rule'), 'active')).rejects.toMatchObject(tooMany);
});
