//! The words that invented titles and texts are made of.
//!
//! A phrase is a row of unconnected words and means nothing, so that nobody takes it for a title of the toolkit.

use super::random::Random;

/// The words of one language, the most frequent first.
#[derive(Debug)]
pub(super) struct Wordlist {
    /// BCP 47 tag.
    pub(super) tag: &'static str,
    /// The word that every invented title ends with, before its number.
    pub(super) specimen: &'static str,
    /// What stands between two words.
    space: &'static str,
    /// What a sentence ends with.
    stop: &'static str,
    words: &'static str,
}

impl Wordlist {
    /// So many words in a row, the first with a capital where the script has them.
    pub(super) fn phrase(&self, random: &mut Random, length: usize) -> String {
        let words: Vec<&str> = self.words.split_whitespace().collect();
        let drawn: Vec<&str> = (0..length).filter_map(|_| random.favourite(&words).copied()).collect();
        let phrase = drawn.join(self.space);
        let mut rest = phrase.chars();
        let capital = rest.next().into_iter().flat_map(char::to_uppercase);
        capital.chain(rest.clone()).collect()
    }

    /// A phrase that ends like a sentence.
    pub(super) fn sentence(&self, random: &mut Random, length: usize) -> String {
        self.phrase(random, length) + self.stop
    }
}

/// The languages that titles and texts are in, the most frequent first.
pub(super) const LANGUAGES: &[Wordlist] = &[
    Wordlist {
        tag: "en",
        specimen: "specimen",
        space: " ",
        stop: ".",
        words: "heritage museum archive river guide lantern library climate village toolkit garden memory coast school \
            market bridge harbour story workshop island textile season map forest craft festival loom orchard shelter \
            meadow kiln ferry quarry lighthouse almanac tapestry",
    },
    Wordlist {
        tag: "fr",
        specimen: "spécimen",
        space: " ",
        stop: ".",
        words: "patrimoine musée archive rivière guide lanterne bibliothèque climat village outil jardin mémoire côte \
            école marché pont port récit atelier île tissu saison carte forêt métier fête verger abri prairie four bac \
            carrière phare almanach tapisserie",
    },
    Wordlist {
        tag: "es",
        specimen: "espécimen",
        space: " ",
        stop: ".",
        words: "patrimonio museo archivo río guía linterna biblioteca clima pueblo herramienta jardín memoria costa \
            escuela mercado puente puerto relato taller isla tejido estación mapa bosque oficio fiesta telar huerto \
            refugio pradera horno barca cantera faro almanaque tapiz",
    },
    Wordlist {
        tag: "ar",
        specimen: "عينة",
        space: " ",
        stop: ".",
        words: "تراث متحف أرشيف نهر دليل فانوس مكتبة مناخ قرية أداة حديقة ذاكرة ساحل مدرسة سوق جسر ميناء حكاية ورشة \
            جزيرة نسيج موسم خريطة غابة حرفة مهرجان نول بستان مأوى مرج فرن عبارة محجر منارة تقويم سجادة",
    },
    Wordlist {
        tag: "zh",
        specimen: "样本",
        space: "",
        stop: "。",
        words: "遗产 博物馆 档案 河流 指南 灯笼 图书馆 气候 村庄 工具 花园 记忆 海岸 学校 市场 桥梁 港口 故事 工坊 岛屿 \
            织物 季节 地图 森林 手艺 节日 织机 果园 庇护所 草地 窑炉 渡船 采石场 灯塔 年历 挂毯",
    },
    Wordlist {
        tag: "pt",
        specimen: "espécime",
        space: " ",
        stop: ".",
        words: "património museu arquivo rio guia lanterna biblioteca clima aldeia ferramenta jardim memória costa \
            escola mercado ponte porto relato oficina ilha tecido estação mapa floresta ofício festa tear pomar abrigo \
            prado forno balsa pedreira farol almanaque tapeçaria",
    },
    Wordlist {
        tag: "ru",
        specimen: "образец",
        space: " ",
        stop: ".",
        words: "наследие музей архив река справочник фонарь библиотека климат деревня инструмент сад память берег \
            школа рынок мост гавань рассказ мастерская остров ткань сезон карта лес ремесло праздник станок огород \
            убежище луг печь паром карьер маяк альманах гобелен",
    },
    Wordlist {
        tag: "id",
        specimen: "contoh",
        space: " ",
        stop: ".",
        words: "warisan museum arsip sungai panduan lentera perpustakaan iklim desa alat taman ingatan pantai sekolah \
            pasar jembatan pelabuhan cerita bengkel pulau kain musim peta hutan kerajinan perayaan tenun kebun naungan \
            padang tungku feri tambang mercusuar almanak permadani",
    },
];

/// Parts of invented family names.
const SYLLABLES: [&str; 16] =
    ["ba", "dor", "fen", "gal", "hiv", "jor", "kel", "lum", "mir", "nov", "pra", "quen", "rus", "tol", "vash", "zim"];

/// An invented family name, with a number that keeps it apart from all others.
pub(super) fn family_name(random: &mut Random, number: usize) -> String {
    let mut name = String::new();
    for _ in 0..3 {
        name += SYLLABLES[random.below(SYLLABLES.len())];
    }
    name[..1].make_ascii_uppercase();
    format!("{name} {number}")
}

/// The initial of an invented first name.
pub(super) fn initial(random: &mut Random) -> char {
    char::from(b"ABCDEFGHIJKLMNOPRSTUVWYZ"[random.below(24)])
}
