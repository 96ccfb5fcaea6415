export { type DataStreamOptions, type DataStreamReport, writeDataStream } from './write-data-stream.ts';
