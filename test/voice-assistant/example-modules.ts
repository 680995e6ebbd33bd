/** The example's modules, which are plain JavaScript, with the types that the tests rely on. */
import type { KeyObject } from 'node:crypto';

export interface Memory {
  readonly measure?: string;
  readonly period?: string;
}

/** A slot, as `readRequest` leaves it. */
export interface Heard {
  readonly words: string;
  readonly id?: string;
}

export interface SkillRequest {
  readonly kind: 'launch' | 'intent' | 'ended' | 'other';
  readonly isNew: boolean;
  readonly memory: Memory;
  readonly intent?: string;
  readonly heard?: { readonly measure?: Heard | undefined; readonly period?: Heard | undefined };
}

export interface Speech {
  readonly type: string;
  readonly text?: string;
  readonly ssml?: string;
}

export interface Answer {
  readonly version: string;
  readonly sessionAttributes?: Memory;
  readonly response: {
    readonly outputSpeech?: Speech;
    readonly reprompt?: { readonly outputSpeech: Speech };
    readonly card?: { readonly title: string; readonly content: string };
    readonly shouldEndSession?: boolean;
  };
}

export interface Question {
  readonly measure: string;
  readonly period: string;
  readonly isNew: boolean;
}

export interface Figures {
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly before: number;
  readonly busiest: { readonly day: string; readonly count: number };
}

export type Step =
  | { readonly kind: 'say'; readonly response: Answer }
  | { readonly kind: 'look-up'; readonly question: Question };

interface Dialogue {
  readonly nextStep: (request: SkillRequest) => Step;
  readonly tellFigures: (question: Question, figures: Figures) => Answer;
  readonly tellTrouble: () => Answer;
}

export interface WebAnswer {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: unknown;
}

export type Skill = (args: { readonly [name: string]: unknown }) => Promise<WebAnswer>;

interface Skills {
  readonly createSkill: (world: { readonly now: () => number; readonly fetch: typeof fetch }) => Skill;
}

interface Chains {
  readonly signerOf: (
    pem: string,
    trust: { readonly roots: readonly unknown[]; readonly now: number },
  ) => KeyObject;
  readonly chainAddress: (text: unknown) => URL;
}

/** What fetch takes beside the address. */
export interface SignedRequest {
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

interface Signing {
  readonly messageOf: (
    request: { readonly type: string; readonly [more: string]: unknown },
    about: { readonly skillId: string; readonly session?: object; readonly now?: number },
  ) => { readonly [member: string]: unknown };
  readonly signedRequest: (
    message: unknown,
    signer: { readonly key: string; readonly chain?: string },
  ) => SignedRequest;
}

interface Certificates {
  readonly makeCertificates: (directory: string) => Promise<void>;
}

export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface CertificateServer {
  readonly serveCertificates: (directory: string, host: string) => Promise<RunningServer>;
}

interface Analytics {
  readonly serveAnalytics: (options: {
    readonly file: string;
    readonly today: string;
    readonly key: string;
    readonly host: string;
  }) => Promise<RunningServer>;
}

interface Visit {
  readonly day: string;
  readonly visitor: string;
  readonly pages: number;
}

interface Visits {
  readonly parseVisits: (csv: string) => Visit[];
  readonly figuresOf: (
    visits: readonly Visit[],
    question: { readonly measure: string; readonly period: string; readonly today: string },
  ) => Figures | undefined;
}

interface VisitMaker {
  readonly makeVisits: (options: { readonly today: string; readonly seed: number }) => string;
}

interface Complaints {
  readonly complaintsAbout: (answer: unknown, type: string) => string[];
}

const load = (path: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../examples/voice-assistant/${path}`, import.meta.url).href);

export const dialogue = (await load('skill/dialogue.js')) as Dialogue;
export const skills = (await load('skill/skill.js')) as Skills;
export const chains = (await load('skill/certificate-chain.js')) as Chains;
export const signing = (await load('assistant/signed-request.js')) as Signing;
export const certificates = (await load('assistant/make-certificates.js')) as Certificates;
export const certificateServer = (await load('assistant/serve-certificates.js')) as CertificateServer;
export const complaints = (await load('assistant/complaints.js')) as Complaints;
export const analytics = (await load('analytics/serve-analytics.js')) as Analytics;
export const visits = (await load('analytics/visits.js')) as Visits;
export const visitMaker = (await load('analytics/make-visits.js')) as VisitMaker;
