/** The choices that a symbol has. Symbols of other names take any text. */
export const SYMBOL_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  ARROWS_3_WAY: ["Up", "Sideways", "Down"],
  ARROWS_4_WAY: ["Up", "Angle Up", "Angle Down", "Down"],
  ARROWS_5_WAY: ["Up", "Angle Up", "Sideways", "Angle Down", "Down"],
  DECISION_SHAPES: ["Yes", "Hold", "No"],
  DECISION_SYMBOLS: ["Yes", "Hold", "No"],
  DIRECTIONS_3_WAY: ["Up", "Unchanged", "Down"],
  HARVEY_BALLS: ["Empty", "Quarter", "Half", "Three Quarter", "Full"],
  PRIORITY: ["High", "Low"],
  PRIORITY_HML: ["High", "Medium", "Low"],
  PROGRESS: ["Empty", "Quarter", "Half", "Three Quarter", "Full"],
  RYG: ["Red", "Yellow", "Green"],
  RYGB: ["Red", "Yellow", "Green", "Blue"],
  RYGG: ["Red", "Yellow", "Green", "Gray"],
  STAR_RATING: ["Empty", "One", "Two", "Three", "Four", "Five"],
  WEATHER: ["Sunny", "Partly Sunny", "Cloudy", "Rainy", "Stormy"],
};

/** The symbols of each type that has any. */
export const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  CHECKBOX: ["FLAG", "STAR"],
  PICKLIST: [
    ...Object.keys(SYMBOL_OPTIONS),
    "DIRECTIONS_4_WAY",
    "EFFORT",
    "HEARTS",
    "MONEY",
    "PAIN",
    "SIGNAL",
    "SKI",
    "VCR",
  ],
};
