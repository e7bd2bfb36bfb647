import { colourCount } from '../device/colours';
import { kindOf, type Instrument } from '../music/instruments';
import type { Score, WrittenNote } from '../music/score';
import { highestLine, ledgersOf, lines, placeOn } from '../music/staff';

const pixelsPerSecond = 110;

/** Draws a score on a canvas: new notes are at the right and move to the left. */
export class ScorePaper {
  #context: CanvasRenderingContext2D;
  #width = 0;
  #height = 0;
  #lineColour = '';
  #colours: string[] = [];

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly score: Score,
    /** Notes stay where they are written, and the next line begins at the left again. */
    public isStill: boolean,
  ) {
    this.#context = canvas.getContext('2d')!;
  }

  /** Fits the canvas to its size on the screen, and takes the theme's present colours. */
  fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    this.#width = clientWidth;
    this.#height = clientHeight;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    const style = getComputedStyle(this.canvas);
    this.#lineColour = style.getPropertyValue('--line');
    this.#colours = Array.from({ length: colourCount }, (_, at) =>
      style.getPropertyValue(`--person-${at}`),
    );
  }

  /** Draws the notes of the present moment; returns whether there are any. */
  draw(): boolean {
    const context = this.#context;
    context.clearRect(0, 0, this.#width, this.#height);
    context.globalAlpha = 1;
    context.strokeStyle = this.#lineColour;
    context.lineWidth = 1;
    for (const line of lines) this.#stroke(0, this.#yOf(line), this.#width, this.#yOf(line));

    const now = this.score.now();
    let isAny = false;
    for (const note of this.score.notes) {
      const age = ((now - note.at) / 1000) * pixelsPerSecond;
      const end = ((now - (note.until ?? now)) / 1000) * pixelsPerSecond;
      if (this.#span < end) continue;
      isAny = true;
      this.#write(note, this.#xOf(note.at, age), Math.max(0, age - end), 1 - age / this.#span);
    }
    return isAny;
  }

  get #span(): number {
    return this.#width - this.#gap * 3;
  }

  #xOf(at: number, age: number): number {
    if (!this.isStill) return this.#width - this.#gap * 2 - age;
    return this.#gap * 2 + (((at / 1000) * pixelsPerSecond) % this.#span);
  }

  get #gap(): number {
    return (this.#height / (highestLine + 10)) * 2;
  }

  #yOf(step: number): number {
    return this.#height / 2 - ((step - highestLine / 2) * this.#gap) / 2;
  }

  #write({ pitch, instrument, colour: number }: WrittenNote, x: number, length: number, freshness: number): void {
    const context = this.#context;
    const gap = this.#gap;
    const { step, isCross } = placeOn(pitch, instrument);
    const y = this.#yOf(step);
    const alpha = Math.min(1, Math.max(0.12, freshness * 1.6));
    const colour = this.#colours[number]!;

    context.globalAlpha = alpha;
    context.strokeStyle = this.#lineColour;
    for (const ledger of ledgersOf(step))
      this.#stroke(x - gap, this.#yOf(ledger), x + gap, this.#yOf(ledger));

    context.strokeStyle = context.fillStyle = colour;
    if (instrument !== 'drums' && length > gap) {
      context.globalAlpha = alpha * 0.3;
      context.beginPath();
      context.roundRect(x, y - gap * 0.22, length, gap * 0.44, gap * 0.22);
      context.fill();
      context.globalAlpha = alpha;
    }
    context.lineWidth = 1.5;
    const isStemUp = (step > 10 ? step - 16 : step - 4) <= 0 || instrument === 'drums';
    const side = gap * (isStemUp ? 0.55 : -0.55);
    this.#stroke(x + side, y, x + side, y + gap * (isStemUp ? -2.6 : 2.6));
    if (isCross) {
      const arm = gap * 0.42;
      this.#stroke(x - arm, y - arm, x + arm, y + arm);
      this.#stroke(x - arm, y + arm, x + arm, y - arm);
    } else {
      this.#head(kindOf(instrument), x, y);
    }
    context.lineWidth = 1;
  }

  /** The head of a note, in the shape of its instrument. */
  #head(kind: Instrument, x: number, y: number): void {
    const context = this.#context;
    const width = this.#gap * 0.62;
    const height = this.#gap * 0.45;
    context.beginPath();
    if (kind === 'bass') {
      context.rect(x - width * 0.9, y - height * 0.9, width * 1.8, height * 1.8);
    } else if (kind === 'synth') {
      context.moveTo(x - width * 1.1, y);
      context.lineTo(x, y - height * 1.3);
      context.lineTo(x + width * 1.1, y);
      context.lineTo(x, y + height * 1.3);
    } else {
      context.ellipse(x, y, width, height, -0.35, 0, 2 * Math.PI);
    }
    context.fill();
  }

  #stroke(fromX: number, fromY: number, toX: number, toY: number): void {
    const context = this.#context;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    context.stroke();
  }
}
