import type { Mischief } from './api/auth-api.ts';

/** Connects the buttons and inputs. */
export interface Actions {
  fire(this: void, count: number, kill: boolean): Promise<void>;
  cancelHalf(this: void): void;
  signIn(this: void): Promise<void>;
  signOut(this: void): Promise<void>;
  tell(this: void, orders: Partial<Mischief>): Promise<void>;
}

export function connectControls({ fire, cancelHalf, signIn, signOut, tell }: Actions): void {
  const input = (id: string): HTMLInputElement => document.querySelector<HTMLInputElement>(`#${id}`)!;
  const on = (id: string, act: () => unknown): void => {
    document.getElementById(id)!.addEventListener('click', () => void attempt(act));
  };
  const count = (): number => Math.min(60, Math.max(1, Math.round(input('count').valueAsNumber || 16)));

  on('fire', () => fire(count(), false));
  on('expire-fire', () => fire(count(), true));
  on('cancel-half', cancelHalf);
  on('sign-in', signIn);
  on('sign-out', signOut);
  input('offline').addEventListener('change', () => void attempt(() => tell({ offline: input('offline').checked })));
  for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=refresh]')) {
    radio.addEventListener('change', () => void attempt(() => tell({ refresh: radio.value as Mischief['refresh'] })));
  }
}

/** Shows a failure in the summary. */
async function attempt(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    document.getElementById('summary')!.textContent = String(error);
  }
}
