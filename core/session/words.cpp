#include "session/words.hpp"

#include <cstddef>
#include <iterator>

namespace downbeat::session {
namespace {

// In order of length, so that the short words are a prefix of all words.
constexpr std::string_view words[] = {
    "AIR",   "AMP",   "ART",   "BAR",   "BEE",   "BOP",   "BOW",   "CUE",   "DAF",   "DAY",
    "DEW",   "DUB",   "DUO",   "ELM",   "FIR",   "FOX",   "FUN",   "GIG",   "HOP",   "HUM",
    "IVY",   "JAM",   "JET",   "JIG",   "JOY",   "KEY",   "KIT",   "KOI",   "MIC",   "MIX",
    "NEY",   "OAK",   "ODE",   "ORB",   "OUD",   "OWL",   "PAL",   "PAN",   "PEP",   "POP",
    "RAY",   "RIO",   "SAX",   "SAZ",   "SEA",   "SET",   "SKA",   "SKY",   "SUN",   "TAP",
    "TEA",   "TIE",   "TOM",   "UKE",   "VOX",   "WOW",   "YAY",   "ZEN",   "ZIP",   "ALTO",
    "ARCO",  "ARIA",  "BAND",  "BARD",  "BASS",  "BEAM",  "BEAT",  "BELL",  "BIWA",  "BOLD",
    "BRIO",  "BUZZ",  "CALM",  "CHIC",  "CLEF",  "CODA",  "COOL",  "CORO",  "COZY",  "CREW",
    "DAWN",  "DEMO",  "DHOL",  "DIAL",  "DISC",  "DIZI",  "DOVE",  "DRUM",  "DUET",  "DUSK",
    "EASY",  "ECHO",  "EPIC",  "ERHU",  "FADO",  "FAIR",  "FAWN",  "FERN",  "FIFE",  "FLAT",
    "FLOW",  "FOLK",  "FRET",  "GALA",  "GLAD",  "GLEE",  "GLOW",  "GOLD",  "GONG",  "HALL",
    "HARP",  "HAWK",  "HERO",  "HOME",  "HOPE",  "HORN",  "HYMN",  "IDEA",  "IDOL",  "IRIS",
    "JADE",  "JAZZ",  "JIVE",  "JUNE",  "KEEN",  "KIND",  "KITE",  "KIWI",  "KORA",  "KOTO",
    "LAKE",  "LARK",  "LEAF",  "LILT",  "LILY",  "LIVE",  "LOOP",  "LOUD",  "LUCK",  "LUNA",
    "LUTE",  "LYRE",  "MIDI",  "MINT",  "MODE",  "MOOD",  "MOON",  "MUSE",  "NEAT",  "NEON",
    "NICE",  "NOTE",  "NOVA",  "OBOE",  "OPAL",  "OPEN",  "OPUS",  "ORCA",  "PACE",  "PALM",
    "PART",  "PEAL",  "PLAY",  "PLUM",  "POEM",  "POET",  "PONY",  "PURE",  "RAGA",  "RAIN",
    "REED",  "REEL",  "REST",  "RIFF",  "RING",  "RISE",  "ROAR",  "ROCK",  "ROLL",  "ROSE",
    "RUAN",  "RUBY",  "SAGA",  "SAGE",  "SAIL",  "SHOW",  "SILK",  "SING",  "SNAP",  "SNOW",
    "SOFT",  "SOLO",  "SONG",  "SOUL",  "SPIN",  "STAR",  "STEP",  "SURF",  "SWAN",  "TALA",
    "TAPE",  "TIDE",  "TIME",  "TONE",  "TOUR",  "TREE",  "TRIO",  "TUBA",  "TUNE",  "TURN",
    "TWIN",  "VAMP",  "VIBE",  "VIVA",  "WARM",  "WAVE",  "WIND",  "WING",  "WISE",  "WISH",
    "WREN",  "YEAH",  "YOGA",  "ZEAL",  "ZEST",  "ZING",  "AGOGO", "ALBUM", "AMBER", "APPLE",
    "AUDIO", "BANJO", "BASIL", "BAYAN", "BEBOP", "BERRY", "BIRCH", "BLEND", "BLOOM", "BLUES",
    "BONGO", "BOSSA", "BRASS", "BRAVO", "BRISK", "BRUSH", "BUGLE", "CANON", "CAROL", "CEDAR",
    "CELLO", "CHANT", "CHARM", "CHEER", "CHIME", "CHOIR", "CHORD", "CLAVE", "CLICK", "CLOUD",
    "COMBO", "COMET", "CONGA", "CORAL", "CRANE", "CROON", "CROWN", "DAISY", "DANCE", "DELAY",
    "DISCO", "DOLCE", "DOMRA", "DREAM", "DRIFT", "EAGER", "EAGLE", "ENJOY", "ETUDE", "FABLE",
    "FADER", "FANCY", "FINCH", "FIZZY", "FLAIR", "FLUTE", "FORTE", "FRESH", "FUGUE", "FUNKY",
    "GAITA", "GALOP", "GIGUE", "GRACE", "GRAND", "GREEN", "GUIRO", "GUSLI", "HAPPY", "HEART",
    "HELLO", "HERON", "HIHAT", "HONEY", "HOUSE", "INDIE", "INTRO", "IVORY", "JAZZY", "JOLLY",
    "KAZOO", "KOALA", "KOBZA", "LARGO", "LEMON", "LENTO", "LIGHT", "LLAMA", "LUCKY", "LUNAR",
    "LYRIC", "MAGIC", "MAJOR", "MAMBO", "MANGO", "MAPLE", "MARCH", "MBIRA", "MERRY", "METAL",
    "METER", "MIXER", "MOOSE", "MOTIF", "MOTTO", "MUSIC", "NEUME", "NGONI", "NIFTY", "NOBLE",
    "NONET", "NOVEL", "OASIS", "OCEAN", "OCTET", "OLIVE", "OPERA", "ORBIT", "ORGAN", "OTTER",
    "OUTRO", "PANDA", "PARTY", "PEACH", "PEARL", "PEPPY", "PHASE", "PIANO", "PIXEL", "PLAZA",
    "PLUCK", "POLKA", "POPPY", "PRIMA", "PRIZE", "PULSE", "QANUN", "QUENA", "QUICK", "QUILL",
    "QUINT", "RADIO", "RALLY", "RANGE", "REBEC", "REGAL", "REMIX", "RHYME", "RIVER", "ROBIN",
    "ROCKY", "RONDO", "ROYAL", "RUMBA", "SALSA", "SAMBA", "SAROD", "SCALE", "SCENE", "SCORE",
    "SHARP", "SHAWM", "SHENG", "SHINY", "SITAR", "SLIDE", "SMILE", "SNARE", "SOLAR", "SOUND",
    "SPARK", "STAGE", "STAVE", "STEEL", "STOMP", "STORY", "STRUM", "SUITE", "SUNNY", "SUPER",
    "SWELL", "SWIFT", "SWING", "SYNTH", "TABLA", "TABOR", "TAIKO", "TANGO", "TEMPO", "TENOR",
    "THEME", "TIGER", "TOAST", "TONAL", "TONIC", "TOPAZ", "TRACK", "TREAT", "TRILL", "TULIP",
    "TUNER", "TUTTI", "TWIRL", "TWIST", "UNITY", "VALVE", "VEENA", "VENUE", "VERSE", "VINYL",
    "VIVID", "VOCAL", "VOICE", "VOLTA", "WALTZ", "WORLD", "YODEL", "YOUTH", "ZEBRA", "ZESTY",
    "ZIPPY", "ZURNA"};

constexpr std::size_t max_short_length = 4;

constexpr std::size_t count_short() {
  std::size_t count = 0;
  while (count < std::size(words) && words[count].size() <= max_short_length) ++count;
  return count;
}

}  // namespace

std::span<const std::string_view> all_words() {
  return words;
}

std::span<const std::string_view> short_words() {
  return all_words().first(count_short());
}

}  // namespace downbeat::session
