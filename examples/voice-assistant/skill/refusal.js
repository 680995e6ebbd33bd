/** A request that gets no answer of the skill: not the assistant's, not for this skill, or not understood at all. */
export class Refusal extends Error {
  /** @param {string} why told to whoever asked, so nothing secret @param {number} status of the HTTP answer */
  constructor(why, status = 400) {
    super(why);
    this.name = 'Refusal';
    this.status = status;
  }
}
