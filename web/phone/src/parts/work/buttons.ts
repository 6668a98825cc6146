/** An act as a button: the next one, or one of the rest. */
export interface Button {
  name: string;
  run: () => unknown;
  danger?: boolean;
}
