"""Files that people sent: behind credentials, then at a CDN that wants none."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tests.twilio_fake.judge import authorised, broken, refuse
from tests.twilio_fake.state import State

KEY = "signed=1"


async def read(request: Request) -> Response:
    """GET …/Media/{file}: a redirect to a signed link."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    if fault := state.fault("media"):
        return broken(fault)
    file = request.path_params["file"]
    if file not in state.files:
        return refuse(404, 20404, "Not found")
    return RedirectResponse(f"{state.base}/cdn/{file}?{KEY}", 307)


async def delete(request: Request) -> Response:
    """DELETE …/Media/{file}.json."""
    state: State = request.app.state.fake
    if not authorised(request, state):
        return refuse(401, 20003, "Authenticate")
    if fault := state.fault("delete"):
        return broken(fault)
    found = state.files.get(request.path_params["file"])
    if not found or found.message != request.path_params["sid"]:
        return refuse(404, 20404, "Not found")
    del state.files[request.path_params["file"]]
    return Response(status_code=204)


async def cdn(request: Request) -> Response:
    """GET /cdn/{file}."""
    state: State = request.app.state.fake
    if "authorization" in request.headers:
        return Response("A signed link and credentials together", 400)
    if request.url.query != KEY:
        return Response("Not signed", 403)
    if fault := state.fault("cdn"):
        return broken(fault)
    found = state.files[request.path_params["file"]]
    return Response(found.content, media_type=found.mime)
