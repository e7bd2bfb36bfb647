import { type NoteView, noteViews } from '../wire/chart-rows';

const labels: Record<NoteView, [label: string, hint: string]> = {
  fold: ['Folded', 'One row for a note: all its messages, and its end'],
  hide: ['Hidden', 'Only what is not a note'],
  all: ['Every message', 'One row for each message'],
};

/** How the chart shows notes, which are nearly all messages of a jam. */
export function NoteChoice({
  view,
  onView,
}: {
  view: NoteView;
  onView: (view: NoteView) => void;
}) {
  return (
    <div class="note-choice" role="group" aria-label="Notes">
      <span aria-hidden="true">Notes</span>
      <div class="segments">
        {noteViews.map((each) => (
          <button
            key={each}
            type="button"
            title={labels[each][1]}
            aria-pressed={view === each}
            onClick={() => onView(each)}
          >
            {labels[each][0]}
          </button>
        ))}
      </div>
    </div>
  );
}
