/** What is wrong with an API or with a request to change one. The message goes to the user, as an application error. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';
}

/** A problem at a place of the document, as a JSON pointer. */
export function problemAt(place: string, what: string): GatewayProblem {
  return new GatewayProblem(`The API document is wrong at ${place}: ${what}`);
}
