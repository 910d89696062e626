"""Pages of a list: `?page=` and `?page_size=`."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """50 a page by default, 500 at most."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
