"""The page families of the sample portals."""

from tests.site.families.family import Family
from tests.site.families.gov import GovFamily
from tests.site.families.juhe import JuheFamily
from tests.site.families.paper import PaperFamily

__all__ = ["Family", "GovFamily", "JuheFamily", "PaperFamily"]
