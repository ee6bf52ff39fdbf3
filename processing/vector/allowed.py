"""What a drawing may consist of: elements, attributes, CSS rules and CSS functions, as literal tables.

What is not named here is removed on its own; its neighbours stay. From SVG 1.1 and 2, SMIL and what browsers
draw. Nothing here runs scripts, listens to events or holds a document of another kind.
"""

from __future__ import annotations

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"

ANIMATIONS = frozenset("animate animateColor animateMotion animateTransform set".split())

ELEMENTS = ANIMATIONS | frozenset(
    """
    a altGlyph altGlyphDef altGlyphItem circle clipPath defs desc ellipse
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
    feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge
    feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter
    flowDiv flowLine flowPara flowRegion flowRoot flowSpan font font-face font-face-name g glyph glyphRef
    hatch hatchpath hkern image line linearGradient marker mask meshgradient meshpatch meshrow missing-glyph
    mpath path pattern polygon polyline radialGradient rect solidColor solidcolor stop style svg switch symbol
    text textPath title tref tspan use view vkern
    """.split()
)

# Elements that may point at another of the same drawing; at nothing else.
REFERRING = ANIMATIONS | frozenset(
    """
    altGlyph feImage filter glyphRef image linearGradient mpath pattern radialGradient textPath tref use
    """.split()
)
# Elements that may hold a picture as data.
PICTURING = frozenset({"image", "feImage"})

# The properties of CSS that are attributes as well: an attribute among them is read as CSS.
PROPERTIES = frozenset(
    """
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation
    color-interpolation-filters color-profile color-rendering cursor direction display dominant-baseline
    enable-background fill fill-opacity fill-rule filter flood-color flood-opacity font font-family
    font-feature-settings font-kerning font-size font-size-adjust font-stretch font-style font-synthesis
    font-variant font-variant-caps font-variant-east-asian font-variant-ligatures font-variant-numeric
    font-variation-settings font-weight glyph-orientation-horizontal glyph-orientation-vertical
    image-rendering inline-size isolation kerning letter-spacing lighting-color line-height marker
    marker-end marker-mid marker-start mask mask-type mix-blend-mode opacity overflow paint-order
    pointer-events shape-inside shape-padding shape-rendering shape-subtract solid-color solid-opacity
    stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-opacity stroke-width text-align text-anchor text-decoration
    text-decoration-color text-decoration-line text-decoration-style text-indent text-orientation
    text-overflow text-rendering text-transform transform transform-box transform-origin unicode-bidi
    vector-effect visibility white-space will-change word-spacing writing-mode
    """.split()
)

ATTRIBUTES = PROPERTIES | frozenset(
    """
    accent-height accumulate additive alphabetic amplitude arabic-form ascent attributeName attributeType
    azimuth baseFrequency baseProfile bbox begin bias by calcMode cap-height class clipPathUnits cx cy d
    descent diffuseConstant divisor dur dx dy edgeMode elevation end exponent externalResourcesRequired
    filterPrimitiveUnits filterRes filterUnits format fr from fx fy g1 g2 glyph-name glyphRef
    gradientTransform gradientUnits hanging hatchContentUnits hatchTransform hatchUnits height horiz-adv-x
    horiz-origin-x horiz-origin-y id ideographic in in2 intercept k k1 k2 k3 k4 kernelMatrix
    kernelUnitLength keyPoints keySplines keyTimes lang lengthAdjust limitingConeAngle local markerHeight
    markerUnits markerWidth maskContentUnits maskUnits mathematical max media method min mode name
    numOctaves offset operator order orient orientation origin overline-position overline-thickness
    panose-1 path pathLength patternContentUnits patternTransform patternUnits pitch points pointsAtX
    pointsAtY pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits r radius refX refY
    rendering-intent repeatCount repeatDur requiredExtensions requiredFeatures restart result role rotate
    rx ry scale seed side slope spacing specularConstant specularExponent spreadMethod startOffset
    stdDeviation stemh stemv stitchTiles strikethrough-position strikethrough-thickness string style
    surfaceScale systemLanguage tabindex tableValues targetX targetY textLength title to type u1 u2
    underline-position underline-thickness unicode unicode-range units-per-em v-alphabetic v-hanging
    v-ideographic v-mathematical values version vert-adv-y vert-origin-x vert-origin-y viewBox viewTarget
    width widths x x-height x1 x2 xChannelSelector y y1 y2 yChannelSelector z zoomAndPan
    """.split()
)
# Of the same kind, by prefix. They are not drawn, but a selector may use them.
ATTRIBUTE_FAMILIES = ("aria-", "data-")
# What they hold is text, and never CSS.
TEXTS = frozenset(
    "begin class description end glyph-name id lang name result string systemLanguage title unicode".split()
)

# What an animation may change: appearance and geometry. href has a separate rule.
ANIMATED = ATTRIBUTES - frozenset(
    "attributeName attributeType begin by dur end from id repeatCount repeatDur style to type values".split()
) | {"class"}

# Rules of CSS whose block holds rules or declarations.
AT_RULES = frozenset(
    """
    media supports layer container scope starting-style keyframes -webkit-keyframes -moz-keyframes
    -o-keyframes font-face font-feature-values annotation character-variant historical-forms ornaments
    styleset stylistic swash font-palette-values counter-style property
    """.split()
)
# The names that @namespace may give a prefix to: they are names, and nothing is fetched from there.
NAMESPACES = frozenset({SVG, XLINK, XHTML})

# Functions of CSS and of the attributes that are read like it. None takes an address.
FUNCTIONS = frozenset(
    """
    rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark device-cmyk icc-color var env
    calc min max clamp round mod rem sin cos tan asin acos atan atan2 pow sqrt hypot log exp abs sign
    matrix matrix3d translate translatex translatey translatez translate3d scale scalex scaley scalez
    scale3d rotate rotatex rotatey rotatez rotate3d skew skewx skewy perspective ref
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    cubic-bezier steps linear
    circle ellipse inset polygon path rect xywh shape ray
    linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient
    repeating-conic-gradient -webkit-linear-gradient -webkit-radial-gradient
    minmax repeat fit-content counter counters symbols stylistic styleset character-variant swash ornaments
    annotation
    """.split()
)
# What says where a font comes from, beside url().
FONT_FUNCTIONS = frozenset({"local", "format", "tech"})
# Properties that once ran programs.
RUNNING = frozenset({"behavior", "-moz-binding", "-ms-behavior"})
