import type { FrameworkCall, MesosEvent, SubscribeCall } from '../wire/index.ts';

/** A master as it is dialled: `http://host:port`, without a path. */
export type MasterUrl = string;

/**
 * How the client talks to masters. A *connection* is one subscription: the stream that answers SUBSCRIBE, and the
 * one ordered channel for all other calls, bound to it by the stream's `Mesos-Stream-Id`. It tells everything through
 * its handlers, never by throwing, and nothing any more after `close()`.
 *
 *     const connection = transport.subscribe(master, call, {
 *       onOpened: ({ streamId }) => …, onEvent: (event) => …, onEnded: (end) => …, onAnswered: (answer) => …,
 *     });
 *     connection.send(7, { type: 'REVIVE', framework_id });   // → onAnswered({ callId: 7, status: 202, … })
 */
export interface MasterTransport {
  subscribe(master: MasterUrl, call: SubscribeCall, handlers: ConnectionHandlers): MasterConnection;
}

/** One subscription. */
export interface MasterConnection {
  /** Queues a call behind those before; each is answered once by `onAnswered`, in order. */
  send(callId: number, call: FrameworkCall): void;
  /**
   * Optional. No event is told until `resume`, and what the master goes on sending stays in the sockets' buffers: for
   * a consumer that can't keep up with a burst. Nor is `onAlive` told, so that a pause must be much shorter than the
   * patience of whoever watches it. Both are idempotent, and may be called from a handler.
   */
  pause?(): void;
  resume?(): void;
  /** Destroys both sockets at once; calls under way are never answered. Idempotent. */
  close(): void;
}

export interface ConnectionHandlers {
  /** The stream stands (status 200). A subscription only when SUBSCRIBED follows: refusals come as an ERROR event. */
  onOpened(opened: { readonly streamId: string }): void;
  /** Any byte came: the master lives. */
  onAlive(): void;
  onEvent(event: MesosEvent): void;
  /** The last thing that is told: the stream never stood, or has ended. */
  onEnded(end: StreamEnd): void;
  onAnswered(answer: CallAnswer): void;
}

export type StreamEnd =
  /** SUBSCRIBE was answered by another status than 200; `text` at most 4 KiB of its body. */
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  /** 307: that one leads. */
  | { readonly kind: 'redirected'; readonly leader: MasterUrl }
  /** No connection, or it broke. */
  | { readonly kind: 'unreachable'; readonly error: Error }
  /** The master ended the stream in good order (after ERROR, TEARDOWN). */
  | { readonly kind: 'ended' }
  /** What came is not a Mesos master's stream: wrong content type, no stream id, broken framing or JSON. */
  | { readonly kind: 'garbage'; readonly error: Error };

/** `status: 0`: the channel broke before an answer; the call may or may not have been heard. */
export interface CallAnswer {
  readonly callId: number;
  readonly status: number;
  readonly text: string;
}

/**
 * Finds masters. `detect` resolves with candidates, the likeliest first, never empty; it rejects with a typed error
 * when there are none (the caller tries again).
 */
export interface MasterDetector {
  detect(signal: AbortSignal): Promise<readonly MasterUrl[]>;
  close(): Promise<void>;
}
