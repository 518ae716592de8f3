from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.refused import Refused
from ...models.site_energy_view import SiteEnergyView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    period: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_period: None | str | Unset
    if isinstance(period, Unset):
        json_period = UNSET
    else:
        json_period = period
    params["period"] = json_period

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/sites/{name}/energy".format(
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Refused | SiteEnergyView | None:
    if response.status_code == 200:
        response_200 = SiteEnergyView.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Refused.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refused.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refused.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Refused.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Refused.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Refused.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Refused | SiteEnergyView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
) -> Response[Refused | SiteEnergyView]:
    """What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE.
    A provider sees its own sites.

    Args:
        name (str):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | SiteEnergyView]
    """

    kwargs = _get_kwargs(
        name=name,
        period=period,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
) -> Refused | SiteEnergyView | None:
    """What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE.
    A provider sees its own sites.

    Args:
        name (str):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | SiteEnergyView
    """

    return sync_detailed(
        name=name,
        client=client,
        period=period,
    ).parsed


async def asyncio_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
) -> Response[Refused | SiteEnergyView]:
    """What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE.
    A provider sees its own sites.

    Args:
        name (str):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | SiteEnergyView]
    """

    kwargs = _get_kwargs(
        name=name,
        period=period,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    name: str,
    *,
    client: AuthenticatedClient,
    period: None | str | Unset = UNSET,
) -> Refused | SiteEnergyView | None:
    """What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE.
    A provider sees its own sites.

    Args:
        name (str):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | SiteEnergyView
    """

    return (
        await asyncio_detailed(
            name=name,
            client=client,
            period=period,
        )
    ).parsed
