package richtext

// Every bound on what one text may ask of us. None is met by a text a person
// writes; they keep 64 kB of anything within about a tenth of a second.
const (
	// MaxMentions is how many different persons one text can mention.
	MaxMentions = 50

	// MaxDepth is how many elements may be open at one place of the HTML.
	MaxDepth = 100

	// maxContainers is how many quotes, lists and list items may lie in one
	// another (a list counts with its item for two). The marks of deeper ones
	// stay text.
	maxContainers = 30

	// maxPhrases is how many emphases, strikethroughs and links may lie in one
	// another. The text of deeper ones stays.
	maxPhrases = 40

	// maxMarks is how many marks that may pair with another one (* _ ~ [ ] !)
	// are looked at in one paragraph, heading or cell. Later ones stay text.
	maxMarks = 1000

	// maxTableCells is how many cells all tables of a text may have together,
	// counted before parsing as columns times rows. What goes over stays text.
	maxTableCells = 10_000

	// maxEscapedPipes is how many \| the tables of a text may have.
	maxEscapedPipes = 500

	// maxDefinitionLines is the length in lines of the longest paragraph that
	// is searched for link definitions.
	maxDefinitionLines = 2000

	// maxReferenceBytes is how many bytes of addresses and titles may come from
	// link definitions: [a] is short, what it stands for may be long. Links
	// over it keep their text.
	maxReferenceBytes = 64 << 10

	// maxAddressBytes is the length of the longest address of a link or an image.
	maxAddressBytes = 4096

	// maxRawPieces is how many pieces of raw HTML (blocks, and tags within lines) a
	// text may have. Each is sanitised by itself; later ones stay text.
	maxRawPieces = 2000

	// maxTagBytes is the length of the longest tag of inline raw HTML.
	maxTagBytes = 4096
)
