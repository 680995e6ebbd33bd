// How the simulated assistant makes an intent of words: by the samples of the interaction model, as the real one does.

const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A sample as a pattern; its slots take the words that they know, or any where `open`. */
function patternOf(sample, { slots, types, open }) {
  const parts = sample.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return escape(part);
    const known = types.get(slots.find((slot) => slot.name === name).type).flatMap(({ words }) => words);
    return `(?<${name}>${open ? '.+?' : known.map(escape).join('|')})`;
  });
  return new RegExp(`^${parts.join('')}$`, 'i');
}

function slotOf(name, value, values) {
  const found = values.find(({ words }) => words.some((word) => word.toLowerCase() === value.toLowerCase()));
  const resolution =
    found === undefined
      ? { status: { code: 'ER_SUCCESS_NO_MATCH' } }
      : { status: { code: 'ER_SUCCESS_MATCH' }, values: [{ value: { name: found.words[0], id: found.id } }] };
  return { name, value, confirmationStatus: 'NONE', resolutions: { resolutionsPerAuthority: [resolution] } };
}

/** All ways to say all intents: with words that are known; then, where a sample's beginning was heard, with any. */
function candidates({ intents, types }) {
  const of = (open) =>
    intents.flatMap(({ name, slots = [], samples }) =>
      samples
        .filter((sample) => !open || !sample.startsWith('{'))
        .map((sample) => ({ name, slots, pattern: patternOf(sample, { slots, types, open }) })),
    );
  return [...of(false), ...of(true)];
}

/**
 * A function from words to the intent that is sent for them.
 * @param {object} model the contents of interaction-model.json
 */
export function createUnderstanding({ interactionModel: { languageModel } }) {
  const types = new Map(
    languageModel.types.map(({ name, values }) => [
      name,
      values.map(({ id, name: { value, synonyms = [] } }) => ({ id, words: [value, ...synonyms] })),
    ]),
  );
  const known = candidates({ intents: languageModel.intents, types });
  return (words) => {
    for (const { name, slots, pattern } of known) {
      const match = pattern.exec(words);
      if (match === null) continue;
      const heard = slots.map((slot) => {
        const value = match.groups?.[slot.name];
        return [
          slot.name,
          value === undefined ? { name: slot.name } : slotOf(slot.name, value, types.get(slot.type)),
        ];
      });
      return { name, confirmationStatus: 'NONE', slots: Object.fromEntries(heard) };
    }
    return { name: 'AMAZON.FallbackIntent', confirmationStatus: 'NONE' };
  };
}
