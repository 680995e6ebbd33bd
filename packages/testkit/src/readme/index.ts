/** What READMEs promise. A front door of its own: it loads the compiler, which takes seconds, and few tests need it. */
export { complaintsAboutProgram } from './complaints-about-program.ts';
