export {
  type DataStreamOptions,
  type DataStreamReport,
  type OvalContent,
  writeDataStream,
} from './write-data-stream.ts';
