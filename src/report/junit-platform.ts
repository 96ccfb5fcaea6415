import { xml } from './xml-text.ts';

/** The test that SCAP content is about the image. `doubt`: why it is not, or may not be: then the test is an error. */
export function platformCase(classname: string, doubt: string | undefined): string {
  const error = doubt === undefined ? '' : xml('error', { message: doubt });
  return xml('testcase', { classname, name: 'the content is about this image' }, error);
}
