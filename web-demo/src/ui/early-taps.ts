import type { Device } from '../device/device';
import { accept } from './acceptance';

const strokeMs = 250;

/**
 * Does what was tapped before the page's scripts were there, as far as that cannot wait for the page
 * to be drawn: keys sound, and *Join* joins. Returns the other buttons.
 */
export function actOnTaps(device: Device, tapped: readonly HTMLButtonElement[]): HTMLButtonElement[] {
  return tapped.filter((button) => {
    const { pitch } = button.dataset;
    if (pitch !== undefined) strike(device, Number(pitch));
    else if (button.type === 'submit') accept();
    else return true;
    return false;
  });
}

function strike(device: Device, pitch: number): void {
  device.play({ pitch, velocity: 0.8, isOn: true });
  setTimeout(() => device.play({ pitch, velocity: 0, isOn: false }), strokeMs);
}
