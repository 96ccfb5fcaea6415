export { usage } from '../acts/given-words.ts';
