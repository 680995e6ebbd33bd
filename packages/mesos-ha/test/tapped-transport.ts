import {
  HttpTransport,
  type CallAnswer,
  type ConnectionHandlers,
  type MasterConnection,
  type MasterTransport,
} from '@vibrissa/mesos';

type Call = Parameters<MasterConnection['send']>[1];

/** The real transport, with an ear on what is sent and answered. */
export class TappedTransport implements MasterTransport {
  readonly calls: Call[] = [];
  readonly answers: (CallAnswer & { readonly call: Call })[] = [];
  /** Told of each answer before the client is. */
  onAnswered: (call: Call, answer: CallAnswer) => void = () => {};
  subscriptions = 0;
  readonly #http = new HttpTransport();

  subscribe(...[master, call, handlers]: Parameters<MasterTransport['subscribe']>): MasterConnection {
    this.subscriptions += 1;
    const sent = new Map<number, Call>();
    const tapped: ConnectionHandlers = {
      onOpened: (opened) => handlers.onOpened(opened),
      onAlive: () => handlers.onAlive(),
      onEvent: (event) => handlers.onEvent(event),
      onEnded: (end) => handlers.onEnded(end),
      onAnswered: (answer) => {
        const answered = sent.get(answer.callId)!;
        this.answers.push({ ...answer, call: answered });
        this.onAnswered(answered, answer);
        handlers.onAnswered(answer);
      },
    };
    const connection = this.#http.subscribe(master, call, tapped);
    return {
      send: (callId, next) => {
        this.calls.push(next);
        sent.set(callId, next);
        connection.send(callId, next);
      },
      close: () => connection.close(),
    };
  }
}
